/** Actions of listeners and rules, between AWS's shape and ours. */
import type { ForwardActionConfig, Action as SdkAction } from '@aws-sdk/client-elastic-load-balancing-v2';
import { isGuard } from '../../core/model/guard.ts';
import type { Key } from '../../core/model/key.ts';
import type { Action, LastAction, WeightedTargetGroup } from '../../core/model/rule.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Site } from './driver.ts';
import { fromSdkGuard, toSdkGuard } from './guards.ts';

/** The key behind the ARN of a target group, when it is one of ours. */
export type KeyOfTargetGroup = (arn: string) => Key<'target-group'> | undefined;

/** Ours, or the name of an action type that we have no word for. */
export type ReadActions = { readonly actions: readonly Action[] } | { readonly unknown: string };

/** AWS tells a single target group twice: as an ARN and as a list of one. `tags` are those of the rule or listener. */
export const fromSdkActions = (
  found: readonly SdkAction[] | undefined,
  keyOf: KeyOfTargetGroup,
  tags: Tags,
): ReadActions => {
  const inOrder = (found ?? []).toSorted((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
  const actions: Action[] = [];
  for (const action of inOrder) {
    const read = fromSdkGuard(action, tags) ?? fromSdkAction(action, keyOf);
    if (!read) return { unknown: action.Type ?? 'without a type' };
    actions.push(read);
  }
  return { actions };
};

const fromSdkAction = (found: SdkAction, keyOf: KeyOfTargetGroup): LastAction | undefined => {
  if (found.Type === 'forward') return forward(found, keyOf);
  if (found.Type === 'redirect')
    return {
      type: 'redirect',
      protocol: found.RedirectConfig?.Protocol ?? '#{protocol}',
      host: found.RedirectConfig?.Host ?? '#{host}',
      port: found.RedirectConfig?.Port ?? '#{port}',
      path: found.RedirectConfig?.Path ?? '/#{path}',
      query: found.RedirectConfig?.Query ?? '#{query}',
      statusCode: found.RedirectConfig?.StatusCode ?? 'HTTP_302',
    };
  if (found.Type === 'fixed-response')
    return {
      type: 'fixed-response',
      statusCode: found.FixedResponseConfig?.StatusCode ?? '',
      contentType: found.FixedResponseConfig?.ContentType ?? '',
      messageBody: found.FixedResponseConfig?.MessageBody ?? '',
    };
  return undefined;
};

const forward = (found: SdkAction, keyOf: KeyOfTargetGroup): LastAction => {
  const listed = found.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: found.TargetGroupArn }];
  const sticky = found.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    type: 'forward',
    targetGroups: listed.map(({ TargetGroupArn: arn = '', Weight }) => ({
      targetGroup: keyOf(arn) ?? (arn as `arn:${string}`),
      weight: Weight ?? 1,
    })),
    ...(sticky?.Enabled &&
      sticky.DurationSeconds !== undefined && { stickinessSeconds: sticky.DurationSeconds }),
  };
};

export const toSdkActions = (actions: readonly Action[], site: Site): SdkAction[] =>
  actions.map((action, index) => ({
    ...(isGuard(action) ? toSdkGuard(action, site.clientOf) : toSdkAction(action, site)),
    ...(actions.length > 1 && { Order: index + 1 }),
  }));

const toSdkAction = (action: LastAction, site: Site): SdkAction => {
  switch (action.type) {
    case 'forward':
      return { Type: 'forward', ForwardConfig: toForwardConfig(action, site) };
    case 'redirect':
      return {
        Type: 'redirect',
        RedirectConfig: {
          Protocol: action.protocol,
          Host: action.host,
          Port: action.port,
          Path: action.path,
          Query: action.query,
          StatusCode: action.statusCode,
        },
      };
    case 'fixed-response':
      return {
        Type: 'fixed-response',
        FixedResponseConfig: {
          StatusCode: action.statusCode,
          ...(action.contentType && { ContentType: action.contentType }),
          ...(action.messageBody && { MessageBody: action.messageBody }),
        },
      };
  }
};

const toForwardConfig = (
  { targetGroups, stickinessSeconds }: Extract<Action, { type: 'forward' }>,
  site: Site,
): ForwardActionConfig => ({
  TargetGroups: targetGroups.map(({ targetGroup, weight }) => ({
    TargetGroupArn: isKey(targetGroup) ? site.id(targetGroup) : targetGroup,
    Weight: weight,
  })),
  TargetGroupStickinessConfig: {
    Enabled: stickinessSeconds !== undefined,
    ...(stickinessSeconds !== undefined && { DurationSeconds: stickinessSeconds }),
  },
});

const isKey = (group: WeightedTargetGroup['targetGroup']): group is Key<'target-group'> =>
  group.startsWith('target-group/');
