// The number field.

interface Props {
  number: string;
  setNumber(number: string): void;
  disabled: boolean;
  dial(number: string): void;
}

export function Dialer({ number, setNumber, disabled, dial }: Props) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = number.trim();
    if (wanted) dial(wanted);
  };
  return (
    <form class="card row" onSubmit={submit}>
      <label>
        Number
        <input
          inputMode="tel"
          autocomplete="off"
          value={number}
          required
          data-testid="dial-number"
          onInput={(event) => setNumber(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={disabled} data-testid="dial-submit">
        Call
      </button>
    </form>
  );
}
