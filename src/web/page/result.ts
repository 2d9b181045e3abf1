/** What came of a run: the verdict, files to save, the report. */
import type { RunResult } from '../messages.ts';
import { button, bytesText, el, focusOn } from './dom.ts';
import { sectionElements, verdictElements } from './sections.ts';
import type { Task } from './tasks.ts';

/** What a finished run offers. */
export interface ResultActions {
  download(name: string, blob: Blob): void;
  /** Opens a new model for fine-tuning. */
  train(name: string, blob: Blob): void;
  /** Renders the HTML report. */
  report(): Promise<string>;
  /** Says what went wrong with the report. */
  onError(error: unknown): void;
}

/** Shows what came of a run, and moves the focus to its heading. */
export function showResult(
  place: HTMLElement,
  task: Task,
  result: RunResult,
  model: string,
  actions: ResultActions,
): void {
  const { output, verdict, status } = result;
  const title = el('h2', {}, titleOf(task, result));
  const stem = (output?.name ?? model).replace(/\.onnx$/i, '');
  const buttons: HTMLElement[] = [];
  if (output !== undefined) {
    buttons.push(
      button(`Download ${output.name} (${bytesText(output.blob.size)})`, 'primary', () =>
        actions.download(output.name, output.blob),
      ),
    );
  }
  if (output !== undefined && task.name === 'swap') {
    buttons.push(button('Fine-tune this model', 'button', () => actions.train(output.name, output.blob)));
  }
  const frame = el('div', {});
  buttons.push(
    ...reportButtons(stem, frame, actions),
    button('Save JSON', 'button', () =>
      actions.download(`${stem}.json`, new Blob([result.json], { type: 'application/json' })),
    ),
  );
  place.replaceChildren(
    title,
    ...verdictElements(verdict),
    el('div', { class: 'buttons' }, ...buttons),
    frame,
    ...sectionElements(result, (name) => status === 'failed' && name === 'checks'),
    ...commandElements(result.command),
  );
  focusOn(title);
}

function titleOf({ name }: Task, { status, output }: RunResult): string {
  if (name === 'check') return status === 'ok' ? 'The check passed' : 'The check failed';
  if (status === 'failed') return 'A check failed, so there is no file';
  return output === undefined ? 'There is no new file' : `${output.name} is ready`;
}

function reportButtons(stem: string, frame: HTMLElement, actions: ResultActions): HTMLElement[] {
  const made = { html: undefined as Promise<string> | undefined };
  const report = () => {
    made.html ??= actions.report();
    return made.html;
  };
  const show = button('Show report', 'button', () => {
    if (frame.firstChild !== null) {
      frame.replaceChildren();
      show.setAttribute('aria-expanded', 'false');
      show.textContent = 'Show report';
      return;
    }
    report().then((html) => {
      // In a sandbox of its own: its script runs, and reaches nothing of this page.
      const own = el('iframe', { sandbox: 'allow-scripts', title: 'Report' });
      own.srcdoc = html;
      frame.replaceChildren(own);
      show.setAttribute('aria-expanded', 'true');
      show.textContent = 'Hide report';
    }, actions.onError);
  });
  show.setAttribute('aria-expanded', 'false');
  const save = button('Save report', 'button', () => {
    report().then((html) => actions.download(`${stem}.html`, new Blob([html], { type: 'text/html' })), actions.onError);
  });
  return [show, save];
}

function commandElements(command: string): HTMLElement[] {
  const copied = el('span', { class: 'soft', role: 'status' });
  const copy = button('Copy', 'button', () => {
    navigator.clipboard.writeText(command).then(
      () => (copied.textContent = 'Copied'),
      () => (copied.textContent = 'Select the text to copy it'),
    );
  });
  copy.setAttribute('aria-label', 'Copy the command');
  return [
    el('h3', {}, 'The same on the command line'),
    el('div', { class: 'command' }, el('pre', { tabindex: 0, 'aria-label': 'Command' }, command), copy),
    copied,
  ];
}
