/** Whether an IPv4 address lies in an IPv4 CIDR block; false for anything that is not one. */
export const inCidr = (address: string, cidr: string): boolean => {
  const [network = '', bits = ''] = cidr.split('/');
  const a = toNumber(address);
  const n = toNumber(network);
  const length = Number(bits);
  if (a === undefined || n === undefined || !Number.isInteger(length) || length < 0 || length > 32)
    return false;
  const size = 2 ** (32 - length);
  return Math.floor(a / size) === Math.floor(n / size);
};

const toNumber = (address: string): number | undefined => {
  const parts = address.split('.').map(Number);
  const valid =
    parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return valid ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
};
