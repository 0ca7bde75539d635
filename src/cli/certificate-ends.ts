import type { Controller } from '../controller/controller.ts';
import { isCertificateKey } from '../core/model/certificate.ts';
import type { Certificate } from '../core/model/facts.ts';
import { millisecondsOf } from '../core/model/moment.ts';

type Stack = ReturnType<Controller['stacks']> extends ReadonlyMap<string, infer State> ? State : never;

/** When each certificate that listeners of these stacks have or shall have ends, in seconds since 1970, by ARN. */
export const certificateEnds = (
  stacks: readonly Stack[],
  known: readonly Certificate[],
): ReadonlyMap<string, number> => {
  const ends = new Map(known.flatMap(({ arn, notAfter }) => (notAfter ? [[arn, notAfter] as const] : [])));
  const used = new Map<string, number>();
  for (const { actual, planned } of stacks)
    for (const reference of referencesOf(planned)) {
      const own = isCertificateKey(reference) ? actual?.owned.get(reference) : undefined;
      const arn = isCertificateKey(reference) ? actual?.ids.get(reference) : reference;
      const end = own?.kind === 'certificate' ? own.spec.notAfter : ends.get(arn ?? '');
      if (arn !== undefined && end !== undefined) used.set(arn, millisecondsOf(end) / 1000);
    }
  return used;
};

const referencesOf = (planned: Stack['planned']): readonly string[] =>
  [...(planned?.desired.graph.values() ?? [])].flatMap((resource) =>
    resource.kind === 'listener' ? resource.spec.certificates : [],
  );
