/** Ingress paths as ALB path patterns. `*` and `?` are wildcards to an ALB, plain characters to Kubernetes. */

export type PathPatterns = { readonly patterns: readonly string[] } | { readonly wrong: string };

/** Longest pattern AWS takes. */
const LONGEST = 128;

/** Patterns that match what the path means; none means every path. Follows LBC for all three path types. */
export const pathPatterns = (path: string | undefined, pathType: string | undefined): PathPatterns => {
  if (path === undefined || path === '') return { patterns: [] };
  const patterns = byType(path, pathType ?? 'ImplementationSpecific');
  if (!('patterns' in patterns)) return patterns;
  const long = patterns.patterns.find((pattern) => pattern.length > LONGEST);
  if (long)
    return {
      wrong: `path ${path} is ${long.length} characters long as a pattern; an ALB takes at most ${LONGEST}`,
    };
  return patterns;
};

const byType = (path: string, pathType: string): PathPatterns => {
  if (pathType === 'ImplementationSpecific') return { patterns: [path] };
  if (/[*?]/.test(path))
    return {
      wrong: `path ${path} has pathType ${pathType} and contains * or ?, which an ALB would read as wildcards; use pathType ImplementationSpecific`,
    };
  if (pathType === 'Exact') return { patterns: [path] };
  if (pathType !== 'Prefix')
    return {
      wrong: `pathType ${pathType} of path ${path} is unknown; expected Exact, Prefix or ImplementationSpecific`,
    };
  if (path === '/') return { patterns: ['/*'] };
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  return { patterns: [trimmed, `${trimmed}/*`] };
};
