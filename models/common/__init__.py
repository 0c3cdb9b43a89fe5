"""Python shared by the trained models: corpus reading, split, metre, chords, contract."""
