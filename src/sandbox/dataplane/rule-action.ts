import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type RedirectTemplate, redirectTemplate } from './redirect.ts';

/** What a rule does with a request, read from the SDK's action list. */
export type RuleAction =
  | {
      readonly kind: 'fixed-response';
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  | { readonly kind: 'redirect'; readonly redirect: RedirectTemplate }
  | Forward
  /** Answered with an error that says so: the sandbox never lets a request pass a step it cannot take. */
  | { readonly kind: 'unsupported'; readonly what: string };

export type Forward = {
  readonly kind: 'forward';
  /** Only groups with a weight above zero. */
  readonly groups: readonly { readonly arn: string; readonly weight: number }[];
  /** How long AWSALBTG binds a client to its group; undefined without target group stickiness. */
  readonly stickySeconds: number | undefined;
};

/** Reads the last of a rule's actions, the one that answers. */
export const compileAction = (actions: readonly Action[]): RuleAction => {
  const action = actions.toSorted((a, b) => (a.Order ?? 0) - (b.Order ?? 0)).at(-1);
  switch (action?.Type) {
    case 'fixed-response':
      return fixedResponse(action);
    case 'redirect':
      return { kind: 'redirect', redirect: redirectTemplate(action.RedirectConfig) };
    case 'forward':
      return forward(action);
    default:
      return {
        kind: 'unsupported',
        what: action === undefined ? 'a rule without action' : `action '${action.Type}'`,
      };
  }
};

/** Target groups that an action list sends traffic to, whatever their weight. */
export const targetGroupsOf = (actions: readonly Action[]): readonly string[] =>
  actions.flatMap((action) =>
    action.Type === 'forward' ? groupTuples(action).map((group) => group.TargetGroupArn ?? '') : [],
  );

const fixedResponse = (action: Action): RuleAction => ({
  kind: 'fixed-response',
  status: Number(action.FixedResponseConfig?.StatusCode),
  contentType: action.FixedResponseConfig?.ContentType ?? 'text/plain',
  body: action.FixedResponseConfig?.MessageBody ?? '',
});

const forward = (action: Action): Forward => {
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    kind: 'forward',
    groups: groupTuples(action)
      .map((group) => ({ arn: group.TargetGroupArn ?? '', weight: group.Weight ?? 1 }))
      .filter((group) => group.weight > 0),
    stickySeconds: stickiness?.Enabled === true ? (stickiness.DurationSeconds ?? 1) : undefined,
  };
};

const groupTuples = (action: Action) =>
  action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn }];
