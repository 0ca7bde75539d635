/** Runs every row of the table with the real kubectl, and keeps the page that lists them fresh. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cannotRun, kubectl, type Pair } from './kubectl.ts';
import { GROUPS, type Row } from './kubectl-rows.ts';
import { split, startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/reference/sandbox-kubernetes.md');

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Whether the parts between the ellipses come in order. */
const holds = (text: string, says: string): boolean => {
  let at = 0;
  for (const part of says.split('…').map(squeeze)) {
    at = text.indexOf(part, at);
    if (at < 0) return false;
    at += part.length;
  }
  return true;
};

const PAIRS: readonly (readonly [Pair, string, string])[] = [
  ['v35', '1.35', '127.82'],
  ['v32', '1.32', '127.83'],
];

for (const [pair, version, network] of PAIRS)
  describe(`every documented command with kubectl ${version}`, { skip: cannotRun() }, () => {
    let cluster: TestCluster;
    before(async () => {
      cluster = await startTestCluster(network);
    });
    after(() => cluster.stop());

    const check = async ({ run, says, fails, editor }: Row): Promise<void> => {
      const env = editor === undefined ? {} : { KUBE_EDITOR: editor };
      const { kubeconfig } = cluster.kubernetes;
      const { code, stdout, stderr } = await kubectl(kubeconfig, split(run), '', { pair, cwd: ROOT, env });
      const told = squeeze(stdout + stderr);
      assert.equal(code !== 0, fails, `kubectl ${run} exited with ${code}: ${told}`);
      assert.ok(holds(told, says), `kubectl ${run} was to say ${JSON.stringify(says)} and said: ${told}`);
    };
    for (const { title, rows } of GROUPS)
      test(title, async () => {
        for (const row of rows) await check(row);
      });
  });

const cell = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

const line = ({ run, says, fails, editor }: Row): string => {
  const command = `${editor === undefined ? '' : `KUBE_EDITOR='${editor}' `}kubectl ${run}`;
  const result = says === '' ? 'nothing, or what there is' : cell(says);
  return `| ${cell(command)} | ${fails ? 'refused: ' : ''}${result} |`;
};

const page = (): string => {
  const count = GROUPS.reduce((sum, { rows }) => sum + rows.length, 0);
  const groups = GROUPS.map(
    ({ title, rows }) => `## ${title}\n\n| Command | Answer |\n| --- | --- |\n${rows.map(line).join('\n')}\n`,
  );
  return `<!-- Made from test/contract/kubectl-rows.ts by \`UPDATE_GOLDEN=1 node test/contract/kubectl-table.test.ts\`. Do not edit. -->

# kubectl against the sandbox

These ${count} commands run, in this order, in a test with the real kubectl 1.35 and again with kubectl 1.32, against an
empty sandbox. The second column is what the answer holds; … stands for anything. The files are in the repository.

${INTRODUCTION}
${groups.join('\n')}`;
};

const INTRODUCTION = `What a Pod does is chosen by the name of its image, without registry and tag, or by a word of its args: \`echo\`, \`httpd\`,
\`nginx\`, \`tomcat\`, \`2048\`, \`text\`, \`defaultbackend\`, \`slow\`, \`failing\`, \`tls\` (echo over HTTPS, a certificate of its
own), \`grpc\` (echo, with the health protocol). Commands are not run: an exec probe never succeeds; \`exec\`, \`attach\`, \`cp\`,
\`debug\` and \`port-forward\` are refused; a container of a base image such as busybox does nothing, whatever its args, and
ends well at once unless it is to be restarted always.

Kept but not carried out, each with an Event that says so: CronJobs, HorizontalPodAutoscalers, NetworkPolicies,
LimitRanges, PersistentVolumeClaims and ResourceQuotas with scopes. Other quotas are counted and enforced. A Pod runs
although the source of a volume does not exist; on a real cluster it would wait. Pods get no volume with the token of
their service account. A watch from a version that never comes is told so after three seconds; a real cluster says
nothing, by its source.

Access is by role (RBAC): the kubeconfig of the sandbox is the administrator's; Pods and whoever else has a token of a
service account may do what roles bound to them allow, with the roles \`view\`, \`edit\`, \`admin\` and \`cluster-admin\` to
begin with. The token \`user:anna\` is a person without any secret, \`user:anna:ops,dev\` one in two groups; \`--as\` works
too. Nobody hands out more rights than they have. Which rule allowed what is noted; tests in this repository read it as
\`grants\`.

Admission webhooks are called on loopback URLs and through Services, for what clients write and for the Pods that
controllers create. What the sandbox's own controllers write besides is not shown to them. \`matchConditions\` and conversion
webhooks are refused, as the sandbox has no CEL and calls no conversions. Rules in CEL of a CustomResourceDefinition
(\`x-kubernetes-validations\`) are kept and not checked; whoever writes one is warned.

The kinds are those of \`kubectl api-resources\`. A real cluster has more, such as APIServices, CertificateSigningRequests,
FlowSchemas and ValidatingAdmissionPolicies. Nodes are not measured (\`kubectl top\`), nothing is proxied to Pods and nodes, and
there is no \`/metrics\`.
`;

test('the page of commands is fresh', () => {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page());
  assert.equal(
    existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '',
    page(),
    'stale: run it with UPDATE_GOLDEN=1',
  );
});
