/** The release that runs, as people call it; a test holds it to package.json, which deployments do not have beside them. */
export const RELEASE = '0.1.0'
