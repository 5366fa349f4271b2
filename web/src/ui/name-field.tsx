/** What a machine that is made is to be called. */
interface NameFieldProps {
  readonly value: string;
  readonly onChange: (name: string) => void;
}

export function NameField({ value, onChange }: NameFieldProps) {
  return (
    <label class="field">
      Name of the new machine
      <input
        required
        maxLength={64}
        value={value}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </label>
  );
}
