/** Domain names as Route 53 stores and sorts them. */

/**
 * Lower case, trailing dot, and every character outside `a-z 0-9 - _ .` as an octal escape (`*` is `\052`).
 * Escapes in the input are read first, so both spellings give the same name.
 */
export const storedName = (name: string): string => {
  const plain = name.replace(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  const escaped = [...Buffer.from(plain.toLowerCase(), 'utf8')].map(storedByte).join('');
  return escaped.endsWith('.') ? escaped : `${escaped}.`;
};

const storedByte = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return /[a-z0-9._-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
};

/** Whether a stored name lies in a zone, or is its apex. */
export const liesIn = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** A text whose order is Route 53's order of names: by labels from the right. */
export const sortKey = (name: string): string => name.split('.').reverse().join('\u0001');

/** What is wrong with a stored name as a name; undefined when nothing is. */
export const nameProblem = (name: string): string | undefined => {
  const labels = name.slice(0, -1).split('.');
  const long = labels.find((label) => label.replace(/\\\d{3}/g, '*').length > 63);
  if (long !== undefined)
    return `FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '${long}'`;
  if (name === '.' || labels.includes(''))
    return `FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with '${name}'`;
  return name.length > 255
    ? `FATAL problem: DomainNameTooLong (Domain name is too long) encountered with '${name}'`
    : undefined;
};
