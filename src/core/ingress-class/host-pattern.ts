/** Host names with the wildcards of Application Load Balancers: `*` any letters, dots too, `?` one. */

/** Whether every name that `inner` stands for is one that `pattern` stands for. Texts are in lower case. */
export const hostMatches = (pattern: string, inner: string): boolean =>
  pattern === inner || (/[*?]/.test(pattern) && expressionOf(pattern).test(inner));

/** A star of the inner pattern is a letter like any other here: `*.a.com` lies within `*.com`, not the other way. */
const expressionOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '[^*]')}$`,
    's',
  );
