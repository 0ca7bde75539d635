import type { Actual } from '../model/actual.ts';
import type { RecordName } from '../ports.ts';
import type { Desired } from '../translate/translate.ts';

/** Wanted names whose state is not known: nobody has looked yet, or looking was not permitted. With who wants them. */
export const namesToLookUp = ({ graph, origins }: Desired, actual: Actual): readonly RecordName[] =>
  [...graph.values()].flatMap((resource): RecordName[] => {
    if (resource.kind !== 'dns-record') return [];
    const { zone, name } = resource.spec;
    if (actual.knownNames.has(`${zone}/${name}`)) return [];
    return [{ zone, name, ingresses: origins.get(resource.key) ?? [] }];
  });
