/** Regular expressions as Application Load Balancers take them. */

/** What RE2, which ALBs match with, does not have: look-around, atomic groups, back-references, \p{} and possessives. */
const NOT_RE2 = /\(\?(=|!|<=|<!|>)|\\[1-9kpP]|[*+?}]\+/;

/** What an ALB's expressions may not have, for messages. */
export const WITHOUT = 'without look-around, back-references, atomic or possessive parts or \\p{}';

export const isRe2 = (value: string): boolean =>
  !NOT_RE2.test(value.replaceAll(/\\[^1-9kpP]/g, 'x').replaceAll(/\[[^\]]*\]/g, 'x'));
