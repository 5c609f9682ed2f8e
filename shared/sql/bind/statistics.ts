/**
 * Statistics as formulas of sums, over the rows where all arguments are known: the recipient divides and takes roots, and
 * learns the sums. Numbers are as exact as the decimals of a quotient allow.
 *
 *     n = COUNT, Sx = SUM(x), Sxx = SUM(x * x), Sxy = SUM(x * y)
 *     variance = (n Sxx - Sx Sx) / (n n), of a sample / (n (n - 1));  covariance with Sxy and Sx Sy
 *     slope = (n Sxy - Sx Sy) / (n Sxx - Sx Sx);  intercept = (Sy Sxx - Sx Sxy) / (n Sxx - Sx Sx)
 */
import { constant, type Expression } from '../expression.ts'

const minus = (left: Expression, right: Expression): Expression => ({ kind: 'subtract', left, right })
const times = (left: Expression, right: Expression): Expression => ({ kind: 'multiply', left, right })
const over = (left: Expression, right: Expression): Expression => ({ kind: 'divide', left, right })
const root = (of: Expression): Expression => ({ kind: 'sqrt', of })
const sum = (of: Expression): Expression => ({ kind: 'sum', of })
const ONE = constant(1n)

/** n Sab - Sa Sb: n² times the covariance. */
const spread = (n: Expression, a: Expression, b: Expression): Expression =>
  minus(times(n, sum(times(a, b))), times(sum(a), sum(b)))

const ofOne: Readonly<Record<string, (x: Expression) => Expression>> = {
  var_pop: x => over(spread(count(x), x, x), times(count(x), count(x))),
  var_samp: x => over(spread(count(x), x, x), times(count(x), minus(count(x), ONE))),
  stddev_pop: x => root(ofOne.var_pop?.(x) as Expression),
  stddev_samp: x => root(ofOne.var_samp?.(x) as Expression),
}
const ALIASES: Readonly<Record<string, string>> = { variance: 'var_samp', stddev: 'stddev_samp' }

const count = (of: Expression): Expression => ({ kind: 'count', of })

/** Where one of two is NULL, both are left out. */
const ofTwo: Readonly<Record<string, (y: Expression, x: Expression) => Expression>> = {
  covar_pop: (y, x) => over(spread(count(x), y, x), times(count(x), count(x))),
  covar_samp: (y, x) => over(spread(count(x), y, x), times(count(x), minus(count(x), ONE))),
  corr: (y, x) => over(spread(count(x), y, x), root(times(spread(count(x), y, y), spread(count(x), x, x)))),
  regr_slope: (y, x) => over(spread(count(x), y, x), spread(count(x), x, x)),
  regr_intercept: (y, x) =>
    over(minus(times(sum(y), sum(times(x, x))), times(sum(x), sum(times(x, y)))), spread(count(x), x, x)),
  regr_r2: (y, x) =>
    over(
      times(spread(count(x), y, x), spread(count(x), y, x)),
      times(spread(count(x), y, y), spread(count(x), x, x)),
    ),
  regr_count: (_, x) => count(x),
  regr_avgx: (_, x) => over(sum(x), count(x)),
  regr_avgy: (y, x) => over(sum(y), count(x)),
}

/** The formula of a statistic by its SQL name, and how many arguments it has; undefined for other functions. */
export const statisticNamed = (
  name: string,
):
  | { readonly arguments: 1 | 2; readonly of: (...given: readonly Expression[]) => Expression }
  | undefined => {
  const one = ofOne[ALIASES[name] ?? name]
  const two = ofTwo[name]
  if (one !== undefined) return { arguments: 1, of: x => one(x as Expression) }
  if (two === undefined) return undefined
  return {
    arguments: 2,
    of: (y, x) => {
      const known = (of: Expression): Expression => ({
        kind: 'case',
        branches: [
          {
            when: {
              kind: 'and',
              of: [y, x].map(side => ({ kind: 'is-null', of: side as Expression, negated: true }) as const),
            },
            value: of,
          },
        ],
        otherwise: { kind: 'null' },
      })
      return two(known(y as Expression), known(x as Expression))
    },
  }
}
