/** Listener rules. A rule is its conditions; its actions, priority and tags change in place. */
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  ModifyRuleCommand,
  paginateDescribeRules,
  type Rule,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Key } from '../../core/model/key.ts';
import type { Resource, RuleSpec } from '../../core/model/resource.ts';
import { ruleKey } from '../../core/model/rule.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Reorder } from '../../core/plan/plan.ts';
import type { Attempt } from '../../core/ports.ts';
import { means } from '../errors.ts';
import { everyPage } from '../every-page.ts';
import { describeTags, noteLast, sameOwner, toSdkTags, writeElbTags } from '../tags.ts';
import { fromSdkActions, type KeyOfTargetGroup, toSdkActions } from './actions.ts';
import { fromSdkConditions, toSdkConditions } from './conditions.ts';
import type { Driver, Site, Update } from './driver.ts';
import { removeIfThere } from './remove-if-there.ts';
import { fromSdkTransforms, toSdkTransforms, transformsOrNone } from './transforms.ts';

/** Not for the default rule, which is the listener's. `unknown`: something it does that we have no word for. */
export const ruleSpec = (
  found: Rule,
  more: { readonly listener: Key<'listener'>; readonly tags: Tags },
  keyOf: KeyOfTargetGroup,
): RuleSpec | { readonly unknown: string } => {
  const read = fromSdkActions(found.Actions, keyOf, more.tags);
  if ('unknown' in read) return read;
  const transforms = fromSdkTransforms(found.Transforms);
  if ('unknown' in transforms) return transforms;
  return {
    listener: more.listener,
    priority: Number(found.Priority),
    conditions: fromSdkConditions(found.Conditions),
    actions: read.actions,
    ...transforms,
    tags: more.tags,
  };
};

const create = async ({ key, spec }: Resource<'rule'>, site: Site): Promise<Attempt> => {
  const ListenerArn = site.id(spec.listener);
  const Actions = toSdkActions(spec.actions, site);
  try {
    const { Rules } = await site.account.clients.elb.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: spec.priority,
        Conditions: toSdkConditions(spec.conditions),
        Actions,
        ...toSdkTransforms(spec.transforms),
        Tags: toSdkTags(spec.tags),
      }),
    );
    return { status: 'done', id: Rules?.[0]?.RuleArn ?? '' };
  } catch (thrown) {
    if (!means(thrown, 'exists')) throw thrown;
    const RuleArn = await findOurs(key, spec, ListenerArn, site);
    if (!RuleArn) throw thrown;
    await site.account.clients.elb.send(
      new ModifyRuleCommand({ RuleArn, Actions, ...transformsOrNone(spec.transforms) }),
    );
    return { status: 'done', id: RuleArn };
  }
};

/** The rule that holds the priority, when it is ours and matches the same: an earlier try of this very create. */
const findOurs = async (
  key: Key<'rule'>,
  spec: RuleSpec,
  ListenerArn: string,
  { account }: Site,
): Promise<string | undefined> => {
  const pages = paginateDescribeRules({ client: account.clients.elb }, { ListenerArn });
  const found = (await everyPage(pages, (page) => page.Rules)).find(
    (rule) => rule.Priority === String(spec.priority),
  );
  const arn = found?.RuleArn;
  if (!arn || ruleKey(spec.listener, fromSdkConditions(found.Conditions)) !== key) return undefined;
  const tags = (await describeTags(account.clients, [arn])).get(arn) ?? {};
  return sameOwner(spec.tags, tags) ? arn : undefined;
};

const update = async ({ want, have, changes }: Update<'rule'>, site: Site): Promise<Attempt> => {
  const { clients } = site.account;
  const RuleArn = site.id(want.key);
  const note = noteLast(want.spec.tags, have.tags);
  if (changes('tags')) await writeElbTags(clients, RuleArn, note.before, have.tags);
  if (changes('actions') || changes('transforms'))
    await clients.elb.send(
      new ModifyRuleCommand({
        RuleArn,
        ...(changes('actions') && { Actions: toSdkActions(want.spec.actions, site) }),
        ...(changes('transforms') && transformsOrNone(want.spec.transforms)),
      }),
    );
  if (changes('tags')) await writeElbTags(clients, RuleArn, want.spec.tags, note.between);
  return { status: 'done', id: RuleArn };
};

/** All moves of a listener in one call: AWS checks the outcome only, so two rules may swap. */
export const moveRules = async ({ moves }: Reorder, site: Site): Promise<Attempt> => {
  const RulePriorities = moves.map(({ rule, to }) => ({ RuleArn: site.id(rule), Priority: to }));
  await site.account.clients.elb.send(new SetRulePrioritiesCommand({ RulePriorities }));
  return { status: 'done' };
};

const remove = ({ key }: Resource<'rule'>, site: Site): Promise<Attempt> =>
  removeIfThere(
    key,
    site,
    async (RuleArn) => {
      await site.account.clients.elb.send(new DeleteRuleCommand({ RuleArn }));
      return undefined;
    },
    { inUse: `${key} is still in use` },
  );

export const rule: Driver<'rule'> = { create, update, remove };
