/** The CustomResourceDefinition of IngressClassParams as people apply it. */
import { stringify } from 'yaml';
import { paramsCrd } from '../core/ingress-class/params-crd.ts';

export const paramsCrdYaml = (): string =>
  `# Made from src/core/ingress-class by \`npm run gen\`. Do not edit.\n${stringify(paramsCrd, { lineWidth: 0, aliasDuplicateObjects: false })}`;
