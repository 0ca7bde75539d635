/** Listeners with their certificates. AWS identifies one by its load balancer and port. */
import {
  AddListenerCertificatesCommand,
  type Listener,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  type ModifyListenerCommandInput,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isCertificateKey } from '../../core/model/certificate.ts';
import type { Key } from '../../core/model/key.ts';
import type { Attributes, ListenerSpec, Resource } from '../../core/model/resource.ts';
import { forgets } from '../../core/model/stated-settings.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { noteLast, writeElbTags } from '../tags.ts';
import { fromSdkActions, type KeyOfTargetGroup, toSdkActions } from './actions.ts';
import { attributesToSet } from './attributes.ts';
import type { Driver, Site, Update } from './driver.ts';
import { createOrTakeOver, removeListener } from './listener-calls.ts';
import { fromSdkMutual, toSdkMutual } from './mutual-authentication.ts';

export type FoundListener = {
  readonly loadBalancer: Key<'load-balancer'>;
  /** ARNs of all certificates, the default one among them or not. */
  readonly certificates: readonly string[];
  readonly attributes: Attributes;
  readonly tags: Tags;
};

/** Or what its default action does that we have no word for. */
export const listenerSpec = (
  found: Listener,
  more: FoundListener,
  keyOf: KeyOfTargetGroup,
  /** The key of a certificate of ours, else the ARN itself. */
  certificateAt: (arn: string) => string,
): ListenerSpec | { readonly unknown: string } => {
  const read = fromSdkActions(found.DefaultActions, keyOf, more.tags);
  if ('unknown' in read) return read;
  const first = found.Certificates?.[0]?.CertificateArn;
  const others = more.certificates.filter((arn) => arn !== first).sort();
  return {
    loadBalancer: more.loadBalancer,
    port: found.Port ?? 0,
    protocol: found.Protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    certificates: first === undefined ? [] : [first, ...others].map(certificateAt),
    sslPolicy: found.SslPolicy ?? '',
    ...fromSdkMutual(found.MutualAuthentication),
    attributes: more.attributes,
    defaultActions: read.actions,
    tags: more.tags,
  };
};

const certificate = (arn: string | undefined) => (arn === undefined ? [] : [{ CertificateArn: arn }]);

/** With ARNs in the place of keys. */
const resolved = (spec: ListenerSpec, site: Site): ListenerSpec => ({
  ...spec,
  certificates: spec.certificates.map((it) => (isCertificateKey(it) ? site.id(it) : it)),
});

/** Protocol, default certificate and policy go together: AWS takes the latter two for HTTPS only. */
const encryption = ({ protocol, certificates, sslPolicy }: ListenerSpec) => ({
  Protocol: protocol,
  ...(protocol === 'HTTPS' && {
    Certificates: certificate(certificates[0]),
    ...(sslPolicy && { SslPolicy: sslPolicy }),
  }),
});

const create = async ({ spec: wanted }: Resource<'listener'>, site: Site): Promise<Attempt> => {
  const spec = resolved(wanted, site);
  const DefaultActions = toSdkActions(spec.defaultActions, site);
  const settings = { ...encryption(spec), ...(await mutualOf(spec, site)), DefaultActions };
  const made = await createOrTakeOver(spec, settings, site);
  if (made.status !== 'done' || !made.id) return made;
  await addCertificates(made.id, spec.certificates.slice(1), site);
  await setAttributes(made.id, attributesToSet(spec.attributes ?? {}, {}), site);
  return made;
};

const setAttributes = async (
  ListenerArn: string,
  Attributes: ReturnType<typeof attributesToSet>,
  site: Site,
): Promise<void> => {
  if (Attributes.length > 0)
    await site.account.clients.elb.send(new ModifyListenerAttributesCommand({ ListenerArn, Attributes }));
};

const mutualOf = async (
  { protocol, mutualAuthentication }: ListenerSpec,
  { account }: Site,
): Promise<Pick<ModifyListenerCommandInput, 'MutualAuthentication'>> =>
  protocol === 'HTTPS' && mutualAuthentication
    ? { MutualAuthentication: await toSdkMutual(mutualAuthentication, account) }
    : {};

/** AWS takes one certificate a call. */
const addCertificates = async (ListenerArn: string, arns: readonly string[], site: Site): Promise<void> => {
  for (const arn of arns)
    await site.account.clients.elb.send(
      new AddListenerCertificatesCommand({ ListenerArn, Certificates: certificate(arn) }),
    );
};

const removeCertificates = async (
  ListenerArn: string,
  arns: readonly string[],
  site: Site,
): Promise<void> => {
  for (const arn of arns)
    await site.account.clients.elb.send(
      new RemoveListenerCertificatesCommand({ ListenerArn, Certificates: certificate(arn) }),
    );
};

/** New certificates come before the default one changes, old ones go after: no name is without one in between. */
const update = async (update: Update<'listener'>, site: Site): Promise<Attempt> => {
  const { changes } = update;
  const want = { ...update.want, spec: resolved(update.want.spec, site) };
  const have = resolved(update.have, site);
  const ListenerArn = site.id(want.key);
  const { spec } = want;
  const { clients } = site.account;
  const tagsLast = forgets(spec.tags, have.tags);
  const note = tagsLast ? { before: have.tags, between: have.tags } : noteLast(spec.tags, have.tags);
  if (changes('tags') && !tagsLast) await writeElbTags(clients, ListenerArn, note.before, have.tags);
  const [, ...others] = spec.certificates;
  const [, ...known] = have.certificates;
  const bothEncrypted = spec.protocol === 'HTTPS' && have.protocol === 'HTTPS';
  if (bothEncrypted)
    await addCertificates(
      ListenerArn,
      others.filter((arn) => !known.includes(arn)),
      site,
    );
  const modification = {
    ...modificationOf({ want, have, changes }, site),
    ...((changes('mutualAuthentication') || changes('protocol')) && (await mutualOf(spec, site))),
  };
  if (Object.keys(modification).length > 0)
    await site.account.clients.elb.send(new ModifyListenerCommand({ ListenerArn, ...modification }));
  if (changes('attributes'))
    await setAttributes(ListenerArn, attributesToSet(spec.attributes ?? {}, have.attributes ?? {}), site);
  if (spec.protocol === 'HTTPS' && !bothEncrypted) await addCertificates(ListenerArn, others, site);
  if (bothEncrypted)
    await removeCertificates(
      ListenerArn,
      known.filter((arn) => !spec.certificates.includes(arn)),
      site,
    );
  if (changes('tags')) await writeElbTags(clients, ListenerArn, spec.tags, note.between);
  return { status: 'done', id: ListenerArn };
};

const modificationOf = (
  { want: { spec }, have, changes }: Update<'listener'>,
  site: Site,
): Omit<ModifyListenerCommandInput, 'ListenerArn'> => {
  const otherDefault = spec.protocol === 'HTTPS' && spec.certificates[0] !== have.certificates[0];
  return {
    ...(changes('protocol') && encryption(spec)),
    ...(changes('certificates') && otherDefault && { Certificates: certificate(spec.certificates[0]) }),
    ...(changes('sslPolicy') && spec.sslPolicy && { SslPolicy: spec.sslPolicy }),
    ...(changes('defaultActions') && { DefaultActions: toSdkActions(spec.defaultActions, site) }),
  };
};

export const listener: Driver<'listener'> = { create, update, remove: removeListener };
