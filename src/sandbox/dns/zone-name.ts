/**
 * Names in the form Route 53 stores them: lower case, trailing dot, and characters other than letters, digits, `-`
 * and `_` as octal escapes, so that a `*` reads `\052`.
 */
export const storedName = (name: string): string => {
  const lower = name.toLowerCase().replaceAll('*', '\\052');
  return lower.endsWith('.') ? lower : `${lower}.`;
};

/** The name one label up; undefined at the root. */
export const parentName = (name: string): string | undefined => {
  const dot = name.indexOf('.');
  return dot < 0 || dot === name.length - 1 ? undefined : name.slice(dot + 1);
};
