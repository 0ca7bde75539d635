/** What stands in the way of a record, and what its owner on the cluster's side has permitted. */
import type { Foreign } from '../model/actual.ts';
import type { Resource } from '../model/resource.ts';

/** Whether something foreign keeps a wanted resource from being made. */
export const isInTheWay = (found: Foreign, want: Resource): boolean =>
  !isBeside(found, want) && takenOver(found, want) === undefined;

/** Records with other set identifiers share the name with ours and are none of our business. */
const isBeside = ({ setIdentifiers }: Foreign, want: Resource): boolean => {
  const mine = want.kind === 'dns-record' ? want.spec.routing?.setIdentifier : undefined;
  return mine !== undefined && setIdentifiers !== undefined && !setIdentifiers.includes(mine);
};

/** What stands in the place of a record whose Ingress consents to taking it over. */
export const takenOver = (found: Foreign, want: Resource): Resource<'dns-record'> | undefined => {
  if (want.kind === 'dns-record' && want.spec.cutover)
    return want.spec.takeover ? pairOf(found) : found.predecessor && found.instead?.[0];
  if (want.kind !== 'dns-record' || !want.spec.takeover) return undefined;
  const mine = want.spec.routing?.setIdentifier;
  return found.instead?.find(({ spec }) => {
    const theirs = spec.routing?.setIdentifier;
    // A single record can be replaced by anything, one of several by one of the same identifier only.
    return theirs === undefined || theirs === mine;
  });
};

/** Our half of a pair by which another stack of this cluster moves a name. */
export const pairOf = ({ stack, instead }: Foreign): Resource<'dns-record'> | undefined =>
  stack === undefined ? undefined : instead?.find(({ spec }) => spec.cutover !== undefined);
