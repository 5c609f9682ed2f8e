/** What a locality check says: one finding is one place where a deployment is not what the rule expects. */
export interface Finding {
  /** Rule id, such as `AWS-KEY-REGION`; `rules-*.ts` says what each one proves and on which law it rests. */
  readonly rule: string
  /** Logical id or address of the resource, with the path of the property behind it. */
  readonly resource: string
  readonly expected: string
  readonly found: string
  /** The checked file, as the caller named it. */
  readonly file?: string
}
