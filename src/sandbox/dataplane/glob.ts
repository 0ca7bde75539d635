/**
 * Compiles a load balancer wildcard pattern: `*` is any run of characters (also none), `?` exactly one; both cross
 * `/` and `.`. With `escapes`, `\*`, `\?` and `\\` stand for the character itself (query strings, AWS documentation).
 * The matcher runs in at most pattern × text steps, whatever the pattern.
 */
export const globMatcher = (pattern: string, escapes = false): ((text: string) => boolean) => {
  const tokens = tokenize(pattern, escapes);
  const literal = tokens.every((token) => typeof token === 'string');
  if (literal) {
    const wanted = tokens.join('');
    return (text) => text === wanted;
  }
  const last = tokens.at(-1);
  if (last === ANY_RUN && tokens.slice(0, -1).every((token) => typeof token === 'string')) {
    const prefix = tokens.slice(0, -1).join('');
    return (text) => text.startsWith(prefix);
  }
  return (text) => matches(tokens, text);
};

const ANY_RUN = 0;
const ANY_ONE = 1;
type Token = string | typeof ANY_RUN | typeof ANY_ONE;

const tokenize = (pattern: string, escapes: boolean): readonly Token[] => {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const next = pattern.charAt(at + 1);
    if (escapes && pattern.charAt(at) === '\\' && (next === '*' || next === '?' || next === '\\')) {
      tokens.push(next);
      at++;
    } else tokens.push(token(pattern.charAt(at)));
  }
  return tokens;
};

const token = (character: string): Token =>
  character === '*' ? ANY_RUN : character === '?' ? ANY_ONE : character;

/** Greedy walk that goes back to the last `*` only, which is enough for globs. */
const matches = (tokens: readonly Token[], text: string): boolean => {
  let at = 0;
  let inText = 0;
  let star = -1;
  let starText = 0;
  while (inText < text.length) {
    const here = tokens[at];
    if (here === ANY_RUN) {
      star = at++;
      starText = inText;
    } else if (here === ANY_ONE || here === text[inText]) {
      at++;
      inText++;
    } else if (star >= 0) {
      at = star + 1;
      inText = ++starText;
    } else return false;
  }
  while (tokens[at] === ANY_RUN) at++;
  return at === tokens.length;
};
