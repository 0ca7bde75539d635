import { PROBLEMS, type ProblemRow } from './table.ts';

/** `docs/reference/events.md`. */
export const eventsPage = (): string => {
  const rows = Object.entries(PROBLEMS as Readonly<Record<string, ProblemRow>>);
  const sections = rows.map(
    ([code, row]) =>
      `## ${code}\n\n**Cause.** ${sentence(row.cause)}\n\n**Fix.** ${sentence(row.fix)}\n\n**Meanwhile.** ${sentence(row.meanwhile)}\n`,
  );
  return `<!-- Made from src/core/problems/table.ts by \`npm run gen\`. Do not edit. -->\n\n# Events\n\nEvents stand on the Ingress they concern; \`kubectl describe ingress NAME\` lists them. They are written for news only,\nnever because time has passed.\n\n| Reason | Type | Meaning |\n| --- | --- | --- |\n| Created, Adopted, Updated, Deleted | Normal | what was done in AWS, by name |\n${rows.map(([code, row]) => `| [${code}](#${code.toLowerCase()}) | Warning | ${row.cause} |`).join('\n')}\n\n${sections.join('\n')}`;
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
