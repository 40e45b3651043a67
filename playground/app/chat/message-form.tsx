import { type FormEvent, type ReactElement, useState } from 'react';
import { useTellTyping } from './use-tell-typing.ts';

interface MessageFormProps {
  readonly room: string;
  /** Resolves with what to tell when it could not be sent. */
  readonly send: (text: string) => Promise<string | undefined>;
}

/** The field to say something. What could not be sent comes back to it. */
export function MessageForm({ room, send }: MessageFormProps): ReactElement {
  const tellTyping = useTellTyping(room);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();

  const change = (changed: string): void => {
    setText(changed);
    tellTyping(changed.trim() !== '');
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text.trim() === '') return;
    change('');
    setProblem(undefined);
    const found = await send(text);
    if (found === undefined) return;
    setProblem(found);
    setText((newer) => newer || text);
  };
  return (
    <form className="say" onSubmit={(event) => void submit(event)}>
      <label htmlFor="text" className="unseen">
        Message
      </label>
      <div className="row">
        <input
          id="text"
          name="text"
          value={text}
          onChange={({ target }) => change(target.value)}
          onBlur={() => tellTyping(false)}
          maxLength={2_000}
          autoComplete="off"
          placeholder={`Say something in ${room}`}
        />
        <button type="submit" className="primary">
          Send
        </button>
      </div>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
