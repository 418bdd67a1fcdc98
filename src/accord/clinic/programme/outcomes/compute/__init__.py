"""The programme in figures: computed here from the record, small cells left out before anything is stored."""
