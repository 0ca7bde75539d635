/** Whether what was asked of AWS and Kubernetes over a test run is what the policy and the roles permit. Pure. */

/** What the processes of one test file saw the program ask. */
export type Recorded = {
  /** Absolute path of the test file. */
  readonly file: string;
  /** False when options left tests out. */
  readonly whole: boolean;
  /** `elasticloadbalancing:CreateRule`. */
  readonly aws: readonly string[];
  /** `patch networking.k8s.io/ingresses/status`. */
  readonly kubernetes: readonly string[];
  /** Guarded calls with the resource that lacked the tag the policy asks for. */
  readonly untagged: readonly string[];
};

/** What the policy and the roles permit, in the words of {@link Recorded}. */
export type Permitted = { readonly aws: readonly string[]; readonly kubernetes: readonly string[] };

export type Verdict = {
  /** One line for each thing that is wrong; empty when nothing is. */
  readonly wrong: readonly string[];
  /** Why it cannot be said that everything permitted is used; undefined when it can. */
  readonly unjudged: string | undefined;
};

/**
 * What is asked and not permitted is wrong whatever was run. What is permitted and never asked can only be told of a
 * run of all test files.
 */
export const compare = (
  recorded: readonly Recorded[],
  permitted: Permitted,
  testFiles: readonly string[],
): Verdict => {
  const asked = (kind: keyof Permitted) => new Set(recorded.flatMap((it) => it[kind]));
  const [aws, kubernetes] = [asked('aws'), asked('kubernetes')];
  const unjudged = whyPartial(recorded, testFiles);
  return {
    wrong: [
      ...without(aws, permitted.aws).map((it) => `called, and not in src/aws/iam.ts: ${it}`),
      ...without(kubernetes, permitted.kubernetes).map((it) => `asked, and in no role of the chart: ${it}`),
      ...[...new Set(recorded.flatMap((it) => it.untagged))].map(
        (it) => `the policy would refuse it, for want of the cluster tag: ${it}`,
      ),
      ...(unjudged === undefined
        ? [
            ...without(permitted.aws, [...aws]).map((it) => `in src/aws/iam.ts, and never called: ${it}`),
            ...without(permitted.kubernetes, [...kubernetes]).map(
              (it) => `in a role of the chart, and never asked: ${it}`,
            ),
          ]
        : []),
    ],
    unjudged,
  };
};

const without = (these: Iterable<string>, those: readonly string[]): readonly string[] =>
  [...new Set(these)].filter((it) => !those.includes(it)).sort();

const whyPartial = (recorded: readonly Recorded[], testFiles: readonly string[]): string | undefined => {
  const absent = testFiles.filter((file) => !recorded.some((it) => it.file === file));
  if (absent.length > 0) return `${absent.length} of ${testFiles.length} test files left no record`;
  return recorded.every(({ whole }) => whole) ? undefined : 'options left some tests out';
};
