/**
 * URI normalisation that path conditions are matched after (RFC 3986 section 6.2.2): `.` and `..` segments resolved,
 * escaped unreserved characters decoded, other escapes in upper case.
 */
export const normalisePath = (path: string): string => {
  const decoded = path.includes('%') ? decodeUnreserved(path) : path;
  return decoded.includes('/.') ? removeDotSegments(decoded) : decoded;
};

const decodeUnreserved = (path: string): string =>
  path.replace(/%[0-9a-f]{2}/gi, (sequence) => {
    const character = String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : sequence.toUpperCase();
  });

const removeDotSegments = (path: string): string => {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  return `/${kept.join('/')}${(last === '.' || last === '..') && kept.length > 0 ? '/' : ''}`;
};
