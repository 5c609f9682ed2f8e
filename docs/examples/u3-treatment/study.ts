/** What the recipient computes from the two reports of the study, in the clear, on its own machine. */

export interface Period {
  readonly halfYear: number
  /** Patients who were still followed when the half-year began. */
  readonly atRisk: number
  readonly deaths: number
  /** Kaplan-Meier: the probability to live on after this half-year. */
  readonly survival: number
}

/**
 * S(t) = Π (1 - d_i / n_i) over the half-years i up to t (Kaplan and Meier, 1958), with d_i deaths among n_i patients at
 * risk. Whoever leaves the study alive in a half-year counts as at risk until its end.
 */
export const kaplanMeier = (
  lifeTable: readonly { readonly halfYear: number; readonly lastSeen: number; readonly deaths: number }[],
): readonly Period[] => {
  let atRisk = lifeTable.reduce((sum, { lastSeen }) => sum + lastSeen, 0)
  let survival = 1
  return lifeTable.map(({ halfYear, lastSeen, deaths }) => {
    survival *= 1 - deaths / atRisk
    const period = { halfYear, atRisk, deaths, survival }
    atRisk -= lastSeen
    return period
  })
}

interface Arm {
  readonly patients: number
  readonly mean: number
  readonly sd: number
}

/** The difference of two means and Welch's t of it, for groups whose spread may differ. */
export const welch = (a: Arm, b: Arm): { readonly difference: number; readonly t: number } => {
  const difference = b.mean - a.mean
  return { difference, t: difference / Math.sqrt(a.sd ** 2 / a.patients + b.sd ** 2 / b.patients) }
}
