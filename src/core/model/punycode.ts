/** Internationalised host names as DNS carries them (RFC 3492 with the parameters of RFC 5891). */

/**
 * Every label that is not ASCII in its `xn--` form; the case of letters means nothing in DNS. One that is longer than any
 * label stays as it is: it is no name in either form, and the work grows with the square of its length.
 */
export const toAscii = (host: string): string =>
  host
    .toLowerCase()
    .normalize('NFC')
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .split('.')
    .map((label) =>
      /^[\0-\x7f]*$/.test(label) || label.length > LONGEST_LABEL ? label : `xn--${encode(label)}`,
    )
    .join('.');

/** UTF-16 units; a label has at most 63 characters in its ASCII form, which is never the shorter one. */
const LONGEST_LABEL = 126;

const BASE = 36;
const [TMIN, TMAX, SKEW, DAMP] = [1, 26, 38, 700];

const encode = (label: string): string => {
  const points = [...label].map((character) => character.codePointAt(0) ?? 0);
  const basic = points.filter((point) => point < 0x80);
  let output = String.fromCodePoint(...basic) + (basic.length > 0 ? '-' : '');
  let [next, delta, bias, handled] = [0x80, 0, 72, basic.length];
  while (handled < points.length) {
    const least = Math.min(...points.filter((point) => point >= next));
    delta += (least - next) * (handled + 1);
    next = least;
    for (const point of points) {
      if (point < next) delta++;
      if (point !== next) continue;
      output += variableLength(delta, bias);
      bias = adapted(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    next++;
  }
  return output;
};

const digit = (value: number): string => 'abcdefghijklmnopqrstuvwxyz0123456789'[value] ?? '';

const variableLength = (delta: number, bias: number): string => {
  let [text, rest] = ['', delta];
  for (let k = BASE; ; k += BASE) {
    const threshold = Math.min(TMAX, Math.max(TMIN, k - bias));
    if (rest < threshold) return text + digit(rest);
    text += digit(threshold + ((rest - threshold) % (BASE - threshold)));
    rest = Math.floor((rest - threshold) / (BASE - threshold));
  }
};

const adapted = (delta: number, count: number, first: boolean): number => {
  let rest = first ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((BASE - TMIN) * TMAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - TMIN));
  return k + Math.floor(((BASE - TMIN + 1) * rest) / (rest + SKEW));
};
