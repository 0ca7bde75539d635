/** Moments as text and as numbers, by arithmetic alone: a clock has no place in the core. */

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/;

/** Milliseconds since the epoch of an RFC 3339 text in UTC, to the second; NaN for anything else. */
export const millisecondsOf = (text: string): number => {
  const [year = Number.NaN, month = 0, day = 0, hour = 0, minute = 0, second = 0] =
    MOMENT.exec(text)?.slice(1).map(Number) ?? [];
  return (((daysBefore(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
};

/** Days from 1970-01-01, with years that begin in March, so that the leap day comes last. */
const daysBefore = (year: number, month: number, day: number): number => {
  const from = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leaps = Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400);
  return from * 365 + leaps + dayOfYear - 719_468;
};
