/** Light, dark, or as the system is. */
import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const STORED = 'faultline-theme';

function stored(): Theme {
  return THEMES.find(name => name === localStorage.getItem(STORED)) ?? 'system';
}

export const theme = signal<Theme>(stored());

/** Whether single keys are commands (WCAG 2.1.4: they can be switched off). */
export const singleKeys = signal(localStorage.getItem('faultline-keys') !== 'off');

effect(() => {
  localStorage.setItem(STORED, theme.value);
});

effect(() => {
  localStorage.setItem('faultline-keys', singleKeys.value ? 'on' : 'off');
});

const systemDark = matchMedia('(prefers-color-scheme: dark)');
export const dark = signal(false);

effect(() => {
  const wanted = theme.value;
  const update = () => {
    dark.value = wanted === 'dark' || (wanted === 'system' && systemDark.matches);
    document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
  };
  update();
  systemDark.addEventListener('change', update);
  return () => systemDark.removeEventListener('change', update);
});

export function nextTheme(): void {
  const at = THEMES.indexOf(theme.value);
  theme.value = THEMES[(at + 1) % THEMES.length]!;
}
