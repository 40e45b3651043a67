import { type ReactElement, useId } from 'react';
import { formatCount } from './formats.ts';

interface StepSliderProps {
  readonly label: string;
  /** The values that it can have, from the least to the most. */
  readonly steps: readonly number[];
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** A slider over a few numbers that grow fast: its whole way is of use. */
export function StepSlider({ label, steps, value, onChange }: StepSliderProps): ReactElement {
  const id = useId();
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id} className="figure">
        {formatCount(value)}
      </output>
      <input
        id={id}
        type="range"
        min={0}
        max={steps.length - 1}
        value={steps.indexOf(value)}
        aria-valuetext={formatCount(value)}
        onChange={({ currentTarget }) => onChange(steps[currentTarget.valueAsNumber] ?? value)}
      />
    </div>
  );
}
