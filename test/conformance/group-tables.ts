/** LBC's functions about groups and classes, done by ours. */
import { mergeGroup } from '../../src/core/annotations/merge.ts';
import { problemText } from '../../src/core/annotations/problem.ts';
import { type Reading, readSettings } from '../../src/core/annotations/read.ts';
import {
  type ClassChoice,
  classOf,
  isDefaultClass,
  paramsNameOf,
} from '../../src/core/ingress-class/class-of.ts';
import { impose } from '../../src/core/ingress-class/impose.ts';
import { type ClassSettings, readParams } from '../../src/core/ingress-class/read-params.ts';
import { snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { objectId } from '../../src/core/kube/objects.ts';
import type { Snapshot } from '../../src/core/kube/snapshot.ts';
import { NO_DEFAULTS } from '../../src/core/translate/defaults.ts';
import { readMember } from '../../src/core/translate/member.ts';
import { membersOf } from '../../src/core/translate/members.ts';
import { finalizerOf, memberships, stacksOfFinalizers } from '../../src/core/translate/membership.ts';
import { comparePlaces } from '../../src/core/translate/precedence.ts';
import { statedSubnets, taggedSubnets } from '../../src/core/translate/subnets.ts';
import { subnetsByTags } from '../../src/core/translate/subnets-by-tags.ts';
import { areThere, type Json, table } from './vectors.ts';

type Adapter = (input: Json) => Json;

/** LBC fails on the first error, whatever it is. */
export const valid = (reading: Reading): Reading => {
  const error = reading.problems.find(({ severity }) => severity === 'error');
  if (error) throw new Error(problemText(error));
  return reading;
};

const NO_CLASS: ClassSettings = { source: '', stated: {}, invalid: new Set(), faults: [] };

const paramsIn = (ingClassConfig: Json, external: readonly string[] = []): ClassSettings => {
  const params = ingClassConfig?.ingClassParams;
  if (!params) return NO_CLASS;
  const read = readParams({ metadata: { name: 'params' }, ...params }, external);
  if (read.faults[0]) throw new Error(read.faults[0]);
  return read;
};

/** A member of a group as LBC loads it: an Ingress and its class. */
export const readIn = ({ ing, ingClassConfig }: Json): Reading =>
  impose(valid(readSettings(ing.metadata?.annotations, 'ingress')), paramsIn(ingClassConfig));

/** What a group says together; a conflict is an error to LBC, unless the class of the first member decides. */
export const group = (members: readonly Json[]) => {
  const read = members.map((member) => ({ id: objectId(member.ing.metadata), ...readIn(member) }));
  const merged = mergeGroup(read);
  const decided = Object.keys(read[0]?.imposed ?? {});
  const conflict = merged.conflicts.find(
    ({ annotation }) => !decided.includes(annotation) || annotation.startsWith('wafv2'),
  );
  if (conflict) throw new Error(`conflicting ${conflict.annotation}`);
  return merged;
};

const snapshotOf = ({ ing, ingList = [], ingClassList, ingClassParamsList, nsList }: Json): Snapshot =>
  snapshotFromObjects([
    ...(ing ? [{ kind: 'Ingress', ...ing }] : []),
    ...(ingList ?? []),
    ...(ingClassList ?? []),
    ...(ingClassParamsList ?? []),
    ...(nsList ?? []),
  ]);

const stackOf = ({ namespace, name }: Json): string => (namespace ? `${namespace}/${name}` : name);

const idOf = (stack: string): Json => {
  const [namespace, name] = stack.split('/');
  return name === undefined ? { name: stack } : { namespace, name };
};

const chosen = (
  ing: Json,
  snapshot: Snapshot,
  ingressClass = 'alb',
  withoutClass = false,
): Exclude<ClassChoice, { is: 'unusable' }> => {
  const choice = classOf(
    ing,
    snapshot,
    { ingressClass, withoutClass },
    (ing.metadata.finalizers ?? []).length > 0,
  );
  if (choice.is === 'unusable') throw new Error(choice.why);
  return choice;
};

/** What LBC calls a classified Ingress; with the annotation it has no class object. */
const classified = (ing: Json, { ingressClasses, ingressClassParams }: Snapshot): Json => {
  const legacy = ing.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined;
  const usual = [...ingressClasses.values()].find(isDefaultClass);
  const named = ing.spec?.ingressClassName;
  const ingClass = legacy ? undefined : named === undefined ? usual : ingressClasses.get(named);
  const name = ingClass && paramsNameOf(ingClass);
  const ingClassParams = name === undefined ? undefined : ingressClassParams.get(name);
  return { ing, ingClassConfig: { ingClass, ingClassParams } };
};

const SCOPE = { ingressClass: 'alb', namespaces: [] };

/** Deleted objects of the vectors have an annotation that says so. */
const asDeleted = (ing: Json): Json =>
  ing.metadata.annotations?.['unit-test/delete'] === 'true'
    ? { ...ing, metadata: { ...ing.metadata, deletionTimestamp: '2024-01-01T00:00:00Z' } }
    : ing;

const withoutDeletion = (ing: Json): Json => {
  const { deletionTimestamp: _, ...metadata } = ing.metadata;
  return { ...ing, metadata };
};

/** Where an Ingress is put, in LBC's words. */
const membership = (ing: Json, stack: string, snapshot: Snapshot): string => {
  const all = memberships(ing, snapshot, SCOPE);
  const unclear = all.find((it) => it.is === 'unclear');
  if (unclear?.is === 'unclear') throw new Error(unclear.why);
  const here = all.find((it) => 'stack' in it && it.stack === stack);
  return here?.is === 'member' ? 'active' : here?.is === 'leaving' ? 'inactive' : 'none';
};

const subnetFacts = () => {
  const { context } = table('ingress-lb-subnets') as unknown as Json;
  return {
    region: 'us-west-2',
    vpc: context.vpcID,
    vpcCidrs: [],
    targetGroups: [],
    zones: [],
    certificates: [],
    securityGroups: [],
    subnets: context.subnets
      .filter(({ VpcId }: Json) => VpcId === context.vpcID)
      .map((it: Json) => ({
        id: it.SubnetId,
        vpc: it.VpcId,
        zone: it.AvailabilityZone,
        freeAddresses: it.AvailableIpAddressCount,
        hasIpv6: false,
        public: true,
        tags: Object.fromEntries((it.Tags ?? []).map(({ Key, Value }: Json) => [Key, Value])),
      })),
  };
};
const SUBNET_FACTS = areThere ? subnetFacts() : undefined;

export const GROUP_ADAPTERS: Readonly<Record<string, Adapter>> = {
  'ingress-class-annotation': ({ ingressClass, ingClassAnnotation }) => {
    const annotations = { 'kubernetes.io/ingress.class': ingClassAnnotation };
    const ing = { metadata: { name: 'i', namespace: 'n', annotations } };
    return chosen(ing, snapshotOf({}), ingressClass).is === 'ours';
  },
  'ingress-class-namespace-selector': ({ ing, ingClassParams, nsList, admissionReq }) => {
    const namespace = ing.metadata.namespace ?? admissionReq?.admissionRequest.namespace;
    const parameters = {
      apiGroup: 'elbv2.k8s.aws',
      kind: 'IngressClassParams',
      name: ingClassParams.metadata.name,
    };
    const ingClass = {
      kind: 'IngressClass',
      metadata: { name: 'c' },
      spec: { controller: 'ingress.k8s.aws/alb', parameters },
    };
    const snapshot = snapshotOf({ nsList, ingClassList: [ingClass], ingClassParamsList: [ingClassParams] });
    chosen({ metadata: { ...ing.metadata, namespace }, spec: { ingressClassName: 'c' } }, snapshot);
    return 'ok';
  },
  'ingress-classify': (input) => {
    const snapshot = snapshotOf(input);
    const { ingressClass, manageIngressesWithoutIngressClass: withoutClass } = input;
    const ours = chosen(input.ing, snapshot, ingressClass, withoutClass).is === 'ours';
    return { classifiedIng: classified(input.ing, snapshot), ingressClassMatches: ours };
  },
  'ingress-class-load': (input) => {
    const snapshot = snapshotOf(input);
    chosen(input.ing, snapshot);
    return classified(input.ing, snapshot).ingClassConfig;
  },
  'ingress-group-id': ({ classifiedIng: { ing, ingClassConfig } }) => {
    const params = ingClassConfig?.ingClassParams;
    const name = 'params';
    const parameters = params && { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name };
    const snapshot = snapshotOf({
      ingClassList: [
        {
          kind: 'IngressClass',
          metadata: { name: 'c' },
          spec: { controller: 'ingress.k8s.aws/alb', parameters },
        },
      ],
      ingClassParamsList: params ? [{ ...params, metadata: { name } }] : [],
    });
    const [first] = memberships({ ...ing, spec: { ingressClassName: 'c' } }, snapshot, SCOPE);
    if (first?.is === 'member') return idOf(first.stack);
    throw new Error(first?.is === 'unclear' ? first.why : 'foreign');
  },
  'ingress-group-id-if-any': (input) => {
    const snapshot = snapshotOf(input);
    const [first] = memberships(input.ing, snapshot, SCOPE);
    if (first?.is === 'unclear') throw new Error(first.why);
    return first?.is === 'member'
      ? { classifiedIng: classified(input.ing, snapshot), groupID: idOf(first.stack) }
      : {};
  },
  'ingress-group-membership': (input) => {
    const snapshot = snapshotOf(input);
    const membershipType = membership(input.ing, stackOf(input.groupID), snapshot);
    return {
      membershipType,
      classifiedIng: membershipType === 'active' ? classified(input.ing, snapshot) : {},
    };
  },
  'ingress-group-load': (input) => {
    const ingList = input.ingList.map(asDeleted);
    const snapshot = snapshotOf({ ...input, ingList });
    const stack = stackOf(input.groupID);
    const ids = new Map<string, Json>(ingList.map((ing: Json) => [objectId(ing.metadata), ing]));
    const members = membersOf({ stack, snapshot, ingresses: ids.keys(), scope: SCOPE }).toSorted(byOrder);
    const inactive = ingList.filter((ing: Json) => membership(ing, stack, snapshot) === 'inactive');
    return {
      id: input.groupID,
      members: members.map(({ id }) => classified(ids.get(id), snapshot)),
      inactiveMembers: inactive.map(withoutDeletion),
    };
  },
  'ingress-group-sort': ({ members }) =>
    members
      .map((member: Json) => {
        const { reading, ...rest } = readMember(member.ing, PLAIN_STANDING, NO_DEFAULTS);
        valid(reading);
        return { member, ...rest };
      })
      .toSorted(byOrder)
      .map(({ member }: Json) => member),
  'ingress-group-finalizer-match': ({ groupID, finalizer, ing }) =>
    finalizerOf(stackOf(groupID)) === finalizer && stacksOfFinalizers(ing).includes(stackOf(groupID)),
  'ingress-group-pending-finalization': ({ ing }) => stacksOfFinalizers(ing).map(idOf),
  'ingress-group-string': ({ groupID }) => stackOf(groupID),
  'ingress-lb-attributes-group': ({ ingList }) => group(ingList).settings['load-balancer-attributes'],
  'ingress-lb-attributes-class': ({ ingClassConfig }) =>
    paramsIn(ingClassConfig).stated['load-balancer-attributes'],
  'ingress-lb-capacity': ({ featureGates, ingGroup }) => {
    if (featureGates.LBCapacityReservation === false) return null;
    const units = group(ingGroup.members).settings['minimum-load-balancer-capacity'];
    return units === undefined ? null : { capacityUnits: units };
  },
  'ingress-lb-capacity-class': ({ ingClassConfig }) =>
    paramsIn(ingClassConfig).stated['minimum-load-balancer-capacity'],
  'ingress-lb-capacity-group': ({ ingList }) => group(ingList).settings['minimum-load-balancer-capacity'],
  'ingress-lb-ipam-pool': ({ ingGroup }) => {
    // The vectors have words where AWS has ids.
    const members = JSON.parse(
      JSON.stringify(ingGroup?.members ?? []).replaceAll(/"(foo|bar|baz|ing-class-value)"/g, (_, word) =>
        JSON.stringify(`ipam-pool-${word.replaceAll('-', '9')}`),
      ),
    );
    return group(members).settings['ipam-ipv4-pool-id']?.replace('ipam-pool-', '').replaceAll('9', '-');
  },
  'ingress-lb-subnets': ({ ingGroup }) => {
    const members = ingGroup.members.map((member: Json) => ({
      ...readMember(member.ing, { ...PLAIN_STANDING, own: paramsIn(member.ingClassConfig) }, NO_DEFAULTS),
    }));
    const { tags } = subnetsByTags(members);
    const stated = members[0]?.reading.stated.subnets;
    if (!SUBNET_FACTS || !(tags ?? stated)) throw new Error('nothing states subnets');
    const choice = tags
      ? taggedSubnets(tags, false, SUBNET_FACTS, { cluster: 'test-cluster', ofOthers: false, least: 2 })
      : statedSubnets(stated, SUBNET_FACTS);
    if ('wrong' in choice) throw new Error(choice.wrong);
    return choice.subnets;
  },
  'ingress-addon-wafv2-name': ({ ingGroup, lbARN, getWebACLCalls }) => {
    const name = group(ingGroup.members).settings['wafv2-acl-name'];
    const found = getWebACLCalls
      .flatMap(({ resp }: Json) => resp?.WebACLs ?? [])
      .find(({ Name }: Json) => Name === name);
    return { spec: { webACLARN: found?.ARN ?? '', resourceARN: lbARN } };
  },
  'ingress-ssl-redirect': ({ ingGroup, listenPortConfigByPort }) => {
    const listenPorts = JSON.stringify(
      Object.entries(listenPortConfigByPort).map(([port, { protocol }]: Json) => ({
        [protocol]: Number(port),
      })),
    );
    const members = ingGroup.members.map((member: Json) => ({
      ...member,
      ing: {
        ...member.ing,
        metadata: {
          ...member.ing.metadata,
          annotations: {
            ...member.ing.metadata.annotations,
            'alb.ingress.kubernetes.io/listen-ports': listenPorts,
          },
        },
      },
    }));
    const { settings, problems } = group(members);
    if (problems[0]) throw new Error(problemText(problems[0].problem));
    const sslPort = settings['ssl-redirect'];
    return sslPort === undefined ? null : { sslPort, statusCode: 'HTTP_301' };
  },
  'ingress-tags-class': ({ externalManagedTags, ingClassConfig }) =>
    paramsIn(ingClassConfig, externalManagedTags).stated.tags,
  'webhook-ingress-class-params': ({ obj }) => {
    paramsIn({ ingClassParams: obj });
    return 'ok';
  },
};

const PLAIN_STANDING = {
  established: false,
  own: NO_CLASS,
  policy: { source: '' },
} as const;

const byOrder = (a: Json, b: Json): number => {
  const place = ({ order, id }: Json) => ({
    ...{ order, ingress: id, created: '', rule: 0, path: 0 },
    ...{ host: '', pathValue: '', pathType: 'Exact' },
  });
  return comparePlaces('lbc')(place(a), place(b));
};
