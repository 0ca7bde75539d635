/** Rewrites every generated file: `npm run gen`. A test compares them with what this would write. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { iamPolicy } from '../aws/iam.ts';
import { annotationsPage } from '../core/annotations/page.ts';
import { paramsPage } from '../core/ingress-class/params-page.ts';
import { eventsPage } from '../core/problems/page.ts';
import { chartReadme } from './chart-readme.ts';
import { flagsPage } from './flags-page.ts';
import { metricsPage } from './metrics-page.ts';
import { paramsCrdYaml } from './params-crd-yaml.ts';
import { statusCrdYaml } from './status-crd-yaml.ts';

const inRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Generated files by path from the root of the repository. */
export const generated = (): Readonly<Record<string, string>> => ({
  'docs/reference/annotations.md': annotationsPage(),
  'docs/reference/events.md': eventsPage(),
  'docs/reference/flags.md': flagsPage(),
  'docs/reference/metrics.md': metricsPage(),
  'docs/reference/ingress-class-params.md': paramsPage(),
  'examples/iam-policy.json': iamPolicy(),
  'helm/alb-ingress-controller/crds/ingressstacks.yaml': statusCrdYaml(),
  'helm/alb-ingress-controller/crds/ingressclassparams.yaml': paramsCrdYaml(),
  'helm/alb-ingress-controller/README.md': chartReadme(
    readFileSync(inRepository('helm/alb-ingress-controller/values.yaml'), 'utf8'),
  ),
});

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of Object.entries(generated())) writeFileSync(inRepository(path), text);
