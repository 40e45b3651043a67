import type { ReactElement } from 'react';

interface NameFormProps {
  readonly name: string;
  readonly onRename: (name: string) => void;
}

/** Who sits at this page. Another name is told to the server by a new connection. */
export function NameForm({ name, onRename }: NameFormProps): ReactElement {
  const submit = (data: FormData): void => onRename(String(data.get('name')).trim());
  return (
    <form className="card" action={submit}>
      <label htmlFor="name">Your name</label>
      <div className="row">
        <input
          key={name}
          id="name"
          name="name"
          defaultValue={name}
          required
          maxLength={40}
          pattern=".*\S.*"
          title="At least one letter"
          autoComplete="nickname"
        />
        <button type="submit">Change</button>
      </div>
    </form>
  );
}
