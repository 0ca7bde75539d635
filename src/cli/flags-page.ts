import { COMMANDS } from './commands.ts';
import { IGNORED_FLAGS } from './flags/ignored.ts';
import type { FlagRow } from './flags/row.ts';
import { FLAGS, placeholderOf } from './flags/table.ts';

/** `docs/reference/flags.md`. */
export const flagsPage = (): string => {
  const rows = Object.entries(FLAGS as Readonly<Record<string, FlagRow>>);
  const sections = Object.entries(COMMANDS).flatMap(([name, command]) => {
    const own = rows.filter(([, row]) => row.commands.some((it) => it === name));
    if (own.length === 0) return [];
    const lines = own.map(
      ([flag, row]) =>
        `| ${spelling(flag, row)} | ${row.env ? `\`${row.env}\`` : ''} | ${row.initial ? `\`${row.initial}\`` : ''} | ${row.doc} |`,
    );
    return [
      `## alb-ingress ${name}\n\n${command.doc}\n\n| Flag | Environment | Default | Meaning |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`,
    ];
  });
  const ignored = Object.entries(IGNORED_FLAGS).map(([flag, why]) => `| \`--${flag}\` | ${why} |`);
  return `<!-- Made from src/cli/flags/table.ts by \`npm run gen\`. Do not edit. -->\n\n# Commands and flags\n\nA flag beats its environment variable. Durations are like \`90s\`, \`10m\`, \`1h30m\`; lists are separated by commas, or the\nflag is repeated. An unknown flag or a bad value ends the program with exit code 2 and says what was expected.\n\n${sections.join('\n')}\n## Accepted without effect\n\nFlags of the 2017 controller and of the AWS Load Balancer Controller that have no meaning here. Each is logged once.\n\n| Flag | Why |\n| --- | --- |\n${ignored.join('\n')}\n`;
};

const spelling = (name: string, row: FlagRow): string =>
  [
    `\`--${name}${row.type === 'truth' ? '' : ` ${placeholderOf(row)}`}\``,
    ...(row.aliases ?? []).map((alias) => `\`${alias.length === 1 ? '-' : '--'}${alias}\``),
  ]
    .join(', ')
    .replaceAll('|', '\\|');
