const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity such as `300m` or `1.5Gi` as a number, to compare with another; undefined for other texts. */
export const quantity = (text: unknown): number | undefined => {
  const [, number = '', suffix = ''] =
    /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(String(text)) ?? [];
  const factor = SUFFIXES[suffix];
  return number === '' || factor === undefined ? undefined : Number(number) * factor;
};

/** An amount as Kubernetes writes it: `1500m`, `2`, `3k`; in powers of two, such as `512Mi`, for memory and storage. */
export const quantityText = (amount: number, binary: boolean): string => {
  const milli = Math.round(amount * 1000);
  if (milli % 1000 !== 0) return `${milli}m`;
  const step = binary ? 1024 : 1000;
  const suffixes = binary ? BINARY : DECIMAL;
  let [rest, power] = [milli / 1000, 0];
  while (rest !== 0 && rest % step === 0 && power < suffixes.length - 1)
    [rest, power] = [rest / step, power + 1];
  return `${rest}${suffixes[power]}`;
};

const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
