-- What rooms have to set up once their routines are installed; it may be repeated.
DO $set_up$
BEGIN
    PERFORM etl._install_classification();
    PERFORM etl._find_default_target();
END
$set_up$;
