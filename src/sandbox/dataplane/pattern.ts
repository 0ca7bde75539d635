import { RE2JS } from 're2js';

/**
 * A compiled regular expression of a rule. AWS documents a flavour without look-around and back-references,
 * which is RE2; a whole-value match has to be asked for with `^…$`. Whether host and header patterns ignore case is
 * not documented: their plain values do, so these do as well, and only this file would have to change.
 * Throws for what RE2 refuses.
 */
export const patternMatcher = (pattern: string, ignoreCase: boolean): ((text: string) => boolean) => {
  const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  return (text) => compiled.test(text);
};

/**
 * Replaces the first match; the text stays as it is when nothing matches. `$1` in the replacement is a group.
 * The returned function throws when the replacement names a group the pattern does not have.
 */
export const patternReplacer = (pattern: string, replacement: string): ((text: string) => string) => {
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matcher(text).replaceFirst(replacement);
};
