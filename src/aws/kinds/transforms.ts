/** Transforms of rules, between AWS's shape and ours. */
import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RuleSpec } from '../../core/model/resource.ts';
import type { Transform } from '../../core/model/rule.ts';

/** Or one that we have no word for. */
export const fromSdkTransforms = (
  found: readonly RuleTransform[] | undefined,
): Pick<RuleSpec, 'transforms'> | { readonly unknown: string } => {
  const transforms: Transform[] = [];
  for (const it of found ?? []) {
    const rewrites = (it.UrlRewriteConfig ?? it.HostHeaderRewriteConfig)?.Rewrites ?? [];
    const [rewrite] = rewrites;
    if ((it.Type !== 'url-rewrite' && it.Type !== 'host-header-rewrite') || !rewrite || rewrites.length > 1)
      return { unknown: `transform ${it.Type}` };
    transforms.push({ type: it.Type, regex: rewrite.Regex ?? '', replace: rewrite.Replace ?? '' });
  }
  return transforms.length > 0
    ? { transforms: transforms.toSorted((a, b) => (a.type < b.type ? -1 : 1)) }
    : {};
};

export const toSdkTransforms = (transforms: RuleSpec['transforms']): { Transforms?: RuleTransform[] } =>
  transforms ? { Transforms: transforms.map(toSdkTransform) } : {};

/** For a change: leaving them out would leave them as they are. */
export const transformsOrNone = (
  transforms: RuleSpec['transforms'],
): { Transforms?: RuleTransform[] } | { ResetTransforms: true } =>
  transforms ? toSdkTransforms(transforms) : { ResetTransforms: true };

const toSdkTransform = ({ type, regex, replace }: Transform): RuleTransform => {
  const config = { Rewrites: [{ Regex: regex, Replace: replace }] };
  return type === 'url-rewrite'
    ? { Type: type, UrlRewriteConfig: config }
    : { Type: type, HostHeaderRewriteConfig: config };
};
