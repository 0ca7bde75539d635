/**
 * Pauses between tries of what has failed, for p-retry. AWS throttles accounts, so they grow far, and nothing is ever
 * given up; who waits for a change of a user cuts them short.
 */
export const PAUSES = {
  minTimeout: 1000,
  maxTimeout: 60_000,
  factor: 2,
  randomize: true,
  retries: Number.POSITIVE_INFINITY,
} as const;
