/** The formats of report files, told apart by the file's name. What renders one is loaded when it is wanted. */
import type { Report } from '../jobs/outcome.ts';

export interface ReportFormat {
  readonly name: string;
  readonly extensions: readonly string[];
  render(report: Report): Promise<string>;
}

/** By name. */
export const reportFormats = {
  html: {
    name: 'html',
    extensions: ['.html', '.htm'],
    render: async (report) => (await import('./html/index.ts')).renderHtml(report),
  },
  markdown: {
    name: 'markdown',
    extensions: ['.md', '.markdown'],
    render: async (report) => (await import('./markdown-page.ts')).renderMarkdown(report),
  },
  json: {
    name: 'json',
    extensions: ['.json'],
    render: async ({ outcomes }) => `${(await import('./json.ts')).renderJson(outcomes)}\n`,
  },
} as const satisfies Readonly<Record<string, ReportFormat>>;

/** The format that a file's name asks for; `undefined` where it is none of ours. */
export function reportFormatOf(file: string): ReportFormat | undefined {
  const name = file.toLowerCase();
  return Object.values(reportFormats).find(({ extensions }) => extensions.some((it) => name.endsWith(it)));
}
