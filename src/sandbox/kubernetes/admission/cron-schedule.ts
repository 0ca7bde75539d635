/** The least and the most of each field, and the names that stand for numbers. */
type Field = {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
};

const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31 },
  {
    name: 'month',
    least: 1,
    most: 12,
    names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of week', least: 0, most: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const WORDS =
  /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \d+(\.\d+)?(ns|us|µs|ms|s|m|h)(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))*)$/;

/**
 * What is wrong with the schedule of a CronJob; undefined when nothing is.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export const scheduleProblem = (schedule: string): string | undefined => {
  if (schedule.startsWith('@'))
    return WORDS.test(schedule) ? undefined : `unrecognized descriptor: ${schedule}`;
  const parts = schedule.split(/\s+/).filter((part) => part !== '');
  if (parts.length !== FIELDS.length)
    return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (const [at, field] of FIELDS.entries()) {
    const problem = fieldProblem(parts[at] ?? '', field);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const fieldProblem = (text: string, field: Field): string | undefined => {
  for (const one of text.split(',')) {
    const [, range = '', step] = /^([^/]*)(?:\/(.*))?$/.exec(one) ?? [];
    if (step !== undefined && !/^[1-9]\d*$/.test(step))
      return `step of range should be a positive number: ${one}`;
    if (range === '*' || range === '?') continue;
    const ends = range.split('-').map((end) => numberOf(end, field));
    const [from, to = from] = ends;
    if (ends.length > 2) return `too many hyphens: ${one}`;
    if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to))
      return `failed to parse ${field.name} from ${one}: a number, *, or a range is expected`;
    if (from < field.least) return `beginning of range (${from}) below minimum (${field.least}): ${one}`;
    if (to > field.most) return `end of range (${to}) above maximum (${field.most}): ${one}`;
    if (from > to) return `beginning of range (${from}) beyond end of range (${to}): ${one}`;
  }
  return undefined;
};

const numberOf = (text: string, { names = [] }: Field): number => {
  const named = text === '' ? -1 : names.indexOf(text.toLowerCase());
  if (named >= 0) return named;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
};
