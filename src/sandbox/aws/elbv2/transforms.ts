/** Transforms of rules: at most one rewrite of the host header and one of the URL. */
import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid } from './invalid.ts';
import { checkRegex } from './regex.ts';

const LONGEST = 1024;

export const checkTransforms = (given: readonly RuleTransform[]): RuleTransform[] => {
  const types = given.map(({ Type }) => Type);
  if (new Set(types).size < types.length)
    throw invalid(
      "A rule can have only one transform of type 'host-header-rewrite' and one of type 'url-rewrite'",
    );
  for (const transform of given) check(transform);
  return [...given];
};

const check = (transform: RuleTransform): void => {
  const { Type, HostHeaderRewriteConfig: host, UrlRewriteConfig: url } = transform;
  const [own, other] = Type === 'url-rewrite' ? [url, host] : [host, url];
  if (own === undefined || other !== undefined)
    throw invalid(`A transform of type '${Type}' needs only its own configuration`);
  const [rewrite, ...more] = own.Rewrites ?? [];
  if (rewrite === undefined || more.length > 0)
    throw invalid(`A transform of type '${Type}' needs exactly one rewrite`);
  checkRegex(rewrite.Regex ?? '', LONGEST);
  if ((rewrite.Replace ?? '').length > LONGEST)
    throw invalid(`The replacement of a transform cannot be longer than '${LONGEST}' characters`);
};
