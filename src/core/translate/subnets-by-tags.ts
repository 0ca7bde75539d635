/** Subnets that a class chooses by tags, among members that may state subnets in another way. */
import { PREFIX } from '../annotations/table.ts';
import type { SubnetTags } from '../ingress-class/params-texts.ts';
import type { Problem } from '../problems/table.ts';
import type { Member } from './member.ts';

type Chosen = { readonly tags: SubnetTags | undefined; readonly told: readonly Problem[] };

/** Of all that say something about subnets the first counts; those that say something else are told. */
export const subnetsByTags = (members: readonly Member[]): Chosen => {
  const speakers = members.filter(({ reading }) => reading.stated.subnets ?? reading.subnetTags);
  const [first, ...others] = speakers;
  if (!first || !speakers.some(({ reading }) => reading.subnetTags)) return { tags: undefined, told: [] };
  const winner = textOf(first);
  const told = others
    .filter((other) => textOf(other) !== winner && (other.reading.subnetTags ?? first.reading.subnetTags))
    .map(
      (other): Problem => ({
        code: 'ConflictingSetting',
        ingress: other.id,
        message: `${PREFIX}subnets: this Ingress or its class says "${textOf(other)}", but ${first.id} of the same group says "${winner}" and comes first; make them equal or remove one`,
      }),
    );
  return { tags: first.reading.subnetTags, told };
};

const textOf = ({ reading }: Member): string =>
  reading.subnetTags
    ? Object.entries(reading.subnetTags)
        .map(([key, values]) => `tag ${key}: ${values.join(', ')}`)
        .sort()
        .join('; ')
    : (reading.stated.subnets ?? []).join(', ');
