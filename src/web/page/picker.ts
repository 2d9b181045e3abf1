/** A place to drop files on, with buttons that choose them: each button is a file input, so the keyboard works as everywhere. */
import type { NamedFile } from '../messages.ts';
import { bytesText, countText, el } from './dom.ts';
import { chosenFiles, droppedFiles } from './files.ts';
import type { PickerSpec } from './tasks.ts';

/** Of an empty folder. */
export const NOTHING = 'No files were found in it.';

/** A picker in the page. */
export interface Picker {
  readonly element: HTMLElement;
  readonly files: readonly NamedFile[];
  /** Takes files as if they were dropped. */
  take(files: readonly NamedFile[]): void;
}

/** @param onChange called when files were taken or removed */
export function picker(spec: PickerSpec, onChange: () => void): Picker {
  let files: readonly NamedFile[] = [];
  const summary = el('p', { class: 'picked', id: `${spec.id}-picked`, role: 'status' });
  const remove = el('button', { type: 'button', class: 'link', hidden: true }, 'Remove');
  const take = (given: readonly NamedFile[]) => {
    if (given.length === 0) {
      summary.textContent = [NOTHING, files.length === 0 ? '' : `Still chosen: ${pickedText(files)}`].join(' ').trim();
      return;
    }
    files = spec.multiple ? given : given.slice(0, 1);
    summary.textContent = pickedText(files);
    remove.hidden = false;
    onChange();
  };
  const inputs = [
    ...(spec.folder ? fileButton(spec, 'Choose a folder', true, take) : []),
    ...fileButton(spec, spec.multiple ? 'Choose files' : 'Choose a file', false, take),
  ];
  remove.addEventListener('click', () => {
    files = [];
    summary.textContent = '';
    remove.hidden = true;
    element.querySelector('input')?.focus();
    onChange();
  });
  remove.setAttribute('aria-label', `Remove: ${spec.title}`);
  const title = el('span', { class: 'label', id: `${spec.id}-title` }, spec.title);
  if (spec.optional) title.append(' ', el('span', { class: 'soft' }, 'optional'));
  const element = el(
    'div',
    {
      class: 'drop small',
      role: 'group',
      'aria-labelledby': `${spec.id}-title`,
      'aria-describedby': `${spec.id}-hint`,
    },
    title,
    el('p', { class: 'hint', id: `${spec.id}-hint` }, spec.hint),
    el('div', { class: 'buttons' }, ...inputs),
    el('div', { class: 'picked-row' }, summary, remove),
  );
  acceptDrops(element, take);
  return {
    element,
    get files() {
      return files;
    },
    take,
  };
}

function fileButton(
  { id, title, accept, multiple }: PickerSpec,
  label: string,
  isFolder: boolean,
  take: (files: readonly NamedFile[]) => void,
): HTMLElement[] {
  const own = `${id}-${isFolder ? 'folder' : 'files'}`;
  const input = el('input', {
    type: 'file',
    id: own,
    class: 'unseen',
    'aria-label': `${title}: ${label.toLowerCase()}`,
    accept: isFolder ? undefined : accept,
    multiple: multiple || isFolder,
    webkitdirectory: isFolder,
  });
  input.addEventListener('change', () => {
    take(chosenFiles(input));
    // So that choosing the same file again is a change too.
    input.value = '';
  });
  return [input, el('label', { for: own, class: 'button' }, label)];
}

/** Lets files be dropped on an element; none came if a folder was empty. */
export function acceptDrops(target: HTMLElement, take: (files: readonly NamedFile[]) => void): void {
  let depth = 0;
  const show = (change: number) => {
    depth = Math.max(0, depth + change);
    target.classList.toggle('over', depth > 0);
  };
  target.addEventListener('dragenter', () => show(1));
  target.addEventListener('dragleave', () => show(-1));
  target.addEventListener('dragover', (event) => event.preventDefault());
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    target.classList.remove('over');
    if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(take);
  });
}

function pickedText(files: readonly NamedFile[]): string {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const name = files.length === 1 ? (files[0]?.file.name ?? '') : countText(files.length, 'file');
  return `${name}, ${bytesText(bytes)}`;
}
