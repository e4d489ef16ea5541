"""Files and indexes over HTTP: resumed, bounded, and proven before anybody reads them."""
