/**
 * The characters of a path pattern that no Application Load Balancer takes and that paths for other ingress controllers
 * have, where paths are regular expressions. AWS documents which characters it takes; what else it refuses, it tells.
 */
const OF_EXPRESSIONS = /[()[\]{}^|\\<>]/g;

/** Those in the text, each once, with spaces between; undefined when there are none. */
export const expressionCharacters = (pattern: string): string | undefined => {
  const found = new Set(pattern.match(OF_EXPRESSIONS));
  return found.size === 0 ? undefined : [...found].join(' ');
};
