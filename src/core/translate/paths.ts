/** Ingress paths as ALB path patterns. `*` and `?` are wildcards to an ALB, plain characters to Kubernetes. */
import { expressionCharacters } from '../annotations/path-pattern.ts';
import { isRe2, WITHOUT } from '../annotations/regex.ts';
import { PREFIX } from '../annotations/table.ts';
import type { Values } from '../model/rule.ts';

export type PathPatterns = Values | { readonly wrong: string };

/** Longest pattern AWS takes. */
const LONGEST = 128;

/**
 * Patterns that match what the path means; no values mean every path. Follows LBC for all three path types, and for
 * `regex` (the annotation use-regex-path-match), which concerns ImplementationSpecific paths only.
 */
export const pathPatterns = (
  path: string | undefined,
  pathType: string | undefined,
  regex: boolean,
): PathPatterns => {
  if (path === undefined || path === '') return { values: [] };
  const patterns = byType(path, pathType ?? 'ImplementationSpecific', regex);
  if ('wrong' in patterns) return patterns;
  const odd = patterns.values && expressionCharacters(path);
  if (odd)
    return {
      wrong: `path ${path} contains ${odd}, which path patterns of an ALB cannot; expected a path in which * and ? are wildcards, or a regular expression with pathType ImplementationSpecific and the annotation ${PREFIX}use-regex-path-match: "true"`,
    };
  const long = (patterns.values ?? patterns.regexValues).find((pattern) => pattern.length > LONGEST);
  if (long)
    return {
      wrong: `path ${path} is ${long.length} characters long as a pattern; an ALB takes at most ${LONGEST}`,
    };
  return patterns;
};

const byType = (path: string, pathType: string, regex: boolean): PathPatterns => {
  if (pathType === 'ImplementationSpecific') return regex ? expression(path) : { values: [path] };
  if (/[*?]/.test(path))
    return {
      wrong: `path ${path} has pathType ${pathType} and contains * or ?, which an ALB would read as wildcards; use pathType ImplementationSpecific`,
    };
  if (pathType === 'Exact') return { values: [path] };
  if (pathType !== 'Prefix')
    return {
      wrong: `pathType ${pathType} of path ${path} is unknown; expected Exact, Prefix or ImplementationSpecific`,
    };
  if (path === '/') return { values: ['/*'] };
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  return { values: [trimmed, `${trimmed}/*`] };
};

/** Kubernetes wants a path to begin with a slash; the expression begins behind it. One that is too long is not looked at. */
const expression = (path: string): PathPatterns =>
  path.startsWith('/') && path.length > 1 && (path.length > LONGEST + 1 || isRe2(path))
    ? { regexValues: [path.slice(1)] }
    : {
        wrong: `path ${path} is no expression for use-regex-path-match; expected / and behind it a regular expression ${WITHOUT}`,
      };
