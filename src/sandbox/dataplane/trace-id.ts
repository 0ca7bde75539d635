import { randomBytes } from 'node:crypto';

/**
 * X-Amzn-Trace-Id for the target: a new `Root` when the client sent none; otherwise the client's fields stay and
 * `Self` is put first, replacing an old one (AWS documentation).
 */
export const traceId = (given: string | undefined): string => {
  const own = `1-${epochHex()}-${randomBytes(12).toString('hex')}`;
  if (given === undefined || given.length > 7168) return `Root=${own}`;
  const fields = given.split(';').map((field) => field.trim());
  const kept = fields.filter((field) => field !== '' && !field.startsWith('Self='));
  if (!kept.some((field) => field.startsWith('Root='))) return [`Root=${own}`, ...kept].join(';');
  return [`Self=${own}`, ...kept].join(';');
};

const epochHex = (): string =>
  Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0');
